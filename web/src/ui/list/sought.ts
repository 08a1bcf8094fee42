import { actKey } from '../base/act-key.ts'

// What somebody looks for may be a buyer's name or phone, and addresses are kept by browsers and read over shoulders. So in an address
// it has a name of its own, `~k3x9`, and the text stays in this tab.

const prefix = 'sought '
const kept = new Map<string, string>()

/** Our own numbers, SO2611240017703, tell nothing of anybody. */
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

/** The text behind a name; nothing in another tab, where nobody looked for it. */
export function soughtAs(name: string): string {
  const text = kept.get(name) ?? store()?.getItem(prefix + name) ?? ''
  if (text !== '') kept.set(name, text)
  return text
}

/** Outlives a reload of the page, and ends with its tab. */
function store(): Storage | undefined {
  return typeof window === 'undefined' ? undefined : window.sessionStorage
}
