"""Breaking and mending what is watched: only there where what is watched was made for that."""
