const units = ['KB', 'MB', 'GB', 'TB'] as const

/** 1234567 → "1.2 MB", as disks are sold: a kilobyte is 1,000 bytes. */
export function byteText(bytes: number): string {
  let [value, unit] = [Math.abs(bytes) / 1000, 0]
  // A value that is shown as 1,000 takes the next unit.
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  const text = value >= 9.95 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '')
  return `${bytes < 0 ? '−' : ''}${text} ${units[unit] ?? ''}`
}
