"""What a chart is drawn from: its axes, its curves and its dots. Nothing here knows a widget or a colour."""
