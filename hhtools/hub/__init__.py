"""The Hugging Face Hub: files of its datasets, fetched whole and with the right checksum, or not at all."""
