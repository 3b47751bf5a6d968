/* Numbers as the templates, the PDF and the pictures write them: Python rounds a tie to the even digit, toFixed up. */

const count = (number, options) => number.toLocaleString("en-US", options);

/** The next whole number; of two that are as near the even one, as numpy.rint. */
function rounded(number) {
  const next = Math.round(number);
  return Math.abs(number % 1) === 0.5 && next % 2 ? next - 1 : next;
}

/** A number that is not negative with so many decimals, as Python's format: 0.125 is "0.12", and 0.375 "0.38". */
function fixed(number, digits) {
  const text = number.toFixed(digits);
  const isTie = (number * 2 ** (digits + 1)) % 2 === 1; // else no double lies halfway between two decimals
  return isTie && text.at(-1) % 2 ? (number - 0.5 / 10 ** digits).toFixed(digits) : text;
}

/** Write a number from 0 to 1 with two decimals: with three, or a bound, where it would read as 0 or 1 and is not. */
function decimal(number) {
  const texts = [fixed(number, 2), fixed(number, 3)];
  const shown = texts.find((text) => Number(text) === number || Number(text) % 1);
  return shown ?? (number > 0.5 ? "> 0.999" : "< 0.001");
}

/** A number with a true minus or a plus and three digits, as signed_number of figures/scales.py. */
function withSign(number) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  const rough = size.toExponential(2);
  const power = Number(rough.split("e")[1]);
  const isPlain = power >= -6 && power < 15;
  const digits = !isPlain ? rough : power < 3 ? fixed(size, 2 - power) : count(rounded(size));
  return number > 0 ? `+${digits}` : `\u2212${digits}`;
}
