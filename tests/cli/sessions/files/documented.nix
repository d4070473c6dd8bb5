{
  /** Twice the number. */
  double = x: x * 2;
  /**
    Adds two numbers.

    # Example

        curried 1 2
  */
  curried = a: b: a + b;
  /* An ordinary comment. */
  undocumented = x: x;
  nested = {
    inner = /** Beside the function. */ { a, b }: a;
    /** What it says. */
    text = "text";
  };
}
