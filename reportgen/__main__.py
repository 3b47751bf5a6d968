"""Let ``python -m reportgen`` be the command line."""

from reportgen.cli import main

if __name__ == "__main__":
    main()
