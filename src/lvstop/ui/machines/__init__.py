"""The machines under the directors, side by side."""
