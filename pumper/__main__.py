"""`python -m pumper`."""

from pumper.commands import main

if __name__ == "__main__":
    main()
