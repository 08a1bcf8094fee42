import { actKey } from '../base/act-key.ts'

// A search text may be a buyer's name or phone, and browsers store addresses. The address therefore has only a key, `~k3x9`, and this
// browser tab keeps the text.

const prefix = 'sought '
const kept = new Map<string, string>()

/** Our own document numbers, such as SO2611240017703, contain no personal data. */
const ownNumber = /^[A-Z]{2}\d{6,}$/

export function nameFor(text: string): string {
  if (ownNumber.test(text) || text.startsWith('~')) return text
  const known = [...kept].find(([, one]) => one === text)?.[0]
  if (known !== undefined) return known
  const name = `~${actKey().slice(0, 8)}`
  kept.set(name, text)
  store()?.setItem(prefix + name, text)
  return name
}

/** Returns the text of a key; empty in another browser tab, which does not have the text. */
export function soughtAs(name: string): string {
  const text = kept.get(name) ?? store()?.getItem(prefix + name) ?? ''
  if (text !== '') kept.set(name, text)
  return text
}

/** The storage survives a reload and ends with its browser tab. */
function store(): Storage | undefined {
  return typeof window === 'undefined' ? undefined : window.sessionStorage
}
