"""The machinery that every command shares: inputs, the loop and its tally, outputs, reports, exit codes."""
