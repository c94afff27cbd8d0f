"""Scenes: who opens which pages one after the other, in which states; each is a function that looks at them."""
