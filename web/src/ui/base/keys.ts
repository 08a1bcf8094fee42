import { useEffect, useRef } from 'react'
import type { LocalizedPair } from '../../words.ts'

/**
 * A key of the keyboard and its function. With `words` the key sheet and the palette list it; with an empty `key` only the palette does.
 */
export type Key = { key: string; words?: LocalizedPair; run: () => void }
export type NamedKey = Key & { words: LocalizedPair }

type Layer = { keys: () => readonly Key[]; modal: boolean }

// The components on the screen that have keys, such as list, drawer and dialog. The last one gets a pressed key first; a modal dialog keeps
// keys from those before it.
const layers: Layer[] = []

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    ? !isPressable(target)
    : false
}

function isPressable(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type)
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.metaKey || event.ctrlKey ? 'mod+' : ''
  return `${mod}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`
}

/** True for keys that work while the user types. Ctrl or ⌘ with A is not among them, because it selects the typed text. */
const worksWhileTyping = (name: string) => name === 'Escape' || (name.startsWith('mod+') && name !== 'mod+a')

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return
  const name = nameOf(event)
  if (isTyping(event.target) && !worksWhileTyping(name)) return
  // Enter and space belong to the focused button or link.
  if (
    (name === 'Enter' || name === ' ') &&
    event.target instanceof HTMLElement &&
    event.target.closest('button,a,summary')
  )
    return
  for (const layer of layers.toReversed()) {
    const found = layer.keys().find((each) => each.key === name)
    if (found) {
      event.preventDefault()
      found.run()
      return
    }
    if (layer.modal) return
  }
}

/**
 * Keys that work while the component is shown. Letter keys do not work while the user types. `lowest`: all other components get the keys
 * first, no matter when they were shown.
 */
export function useKeys(keys: readonly Key[], options: { modal?: boolean; lowest?: boolean } = {}): void {
  const latest = useRef(keys)
  latest.current = keys
  const { modal = false, lowest = false } = options
  useEffect(() => laid({ keys: () => latest.current, modal }, lowest), [modal, lowest])
}

/** Adds the keys of a component above those of the others, or below them. The returned function removes them. */
export function laid(layer: Layer, lowest = false): () => void {
  if (layers.length === 0) addEventListener('keydown', onKeyDown)
  if (lowest) layers.unshift(layer)
  else layers.push(layer)
  return () => {
    layers.splice(layers.indexOf(layer), 1)
    if (layers.length === 0) removeEventListener('keydown', onKeyDown)
  }
}

/** Returns the keys with a label that work on the page now. If several layers define a key, that of the topmost layer is returned. */
export function keysNow(): NamedKey[] {
  const seen = new Map<string, NamedKey>()
  for (const layer of layers.toReversed()) {
    for (const each of layer.keys()) {
      const { words } = each
      const name = each.key || words?.[1]
      if (words && name && !seen.has(name)) seen.set(name, { ...each, words })
    }
  }
  return [...seen.values()]
}
