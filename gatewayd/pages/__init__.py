"""Pages: one file each, with pictures and tables, that any browser shows, in the dark and on a telephone too."""
