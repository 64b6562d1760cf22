"""What the model of the package is made of and tested on."""
