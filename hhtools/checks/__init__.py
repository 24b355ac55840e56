"""What a trainer's loader does with the rows of a file, described as data: a format is one entry of a literal dict.

``values`` says what may stand under a key, ``rules`` what a row has to be, ``neighbours`` what rows have to be to each
other, ``loaders`` what files can be read, and ``kinds`` what every finding means and what to do about it.
"""
