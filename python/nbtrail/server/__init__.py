"""The HTTP front doors: bindings of the room `api`, without logic of their own."""
