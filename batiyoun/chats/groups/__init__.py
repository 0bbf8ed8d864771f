"""The MLS group of an encrypted chat, as far as a server that reads no message needs to know it."""
