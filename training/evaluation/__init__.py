"""How good the music is: scores, the tables and figures that they go into, and the commands for them."""
