"""Reading: from the lines of a source to its tree, whatever is wrong with them."""
