/** The class of a change since the time before: green where it is for the better, red where more is worse. */
export function changeTone(now: number, before: number, moreIsBad = false): 'ink-ok' | 'ink-bad' | 't2' {
  if (now === before) return 't2'
  if (moreIsBad) return now > before ? 'ink-bad' : 'ink-ok'
  return now > before ? 'ink-ok' : 't2'
}
