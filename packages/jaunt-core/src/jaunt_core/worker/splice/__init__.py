"""Put new definitions into an existing module and leave the rest byte for byte."""
