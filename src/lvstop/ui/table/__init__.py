"""The table of virtual servers and their real servers: columns, order, painting, and the widget."""
