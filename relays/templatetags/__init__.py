"""What templates of every door may load, about people."""
