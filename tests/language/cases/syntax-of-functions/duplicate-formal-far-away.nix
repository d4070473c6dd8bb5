{ first, second ? 2, third, first ? 1, ... }: first
