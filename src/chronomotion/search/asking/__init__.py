"""What a library is asked, and how it answers."""
