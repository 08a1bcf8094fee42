/** Returns the next round figure that is divisible by three, so that each line of the chart has a whole figure: 2,208 → 2,400, 4 → 6. */
export function niceTop(most: number): number {
  const unit = 10 ** Math.floor(Math.log10(most))
  const step = [1.2, 1.5, 1.8, 2.4, 3, 4.5, 6, 9, 12].find((each) => each * unit >= most) ?? 12
  return Math.ceil((step * unit) / 3) * 3
}
