"""The operator's files: cells (text -> value), reading (file -> typed rows), sheets (a file in memory), importing (preview, take)."""
