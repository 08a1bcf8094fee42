import { useEffect, useRef } from 'react'
import type { LocalizedPair } from '../../words.ts'

/** One key and what it does; with words it stands in the sheet of keys and in the palette. An empty key: the palette only. */
export type Key = { key: string; words?: LocalizedPair; run: () => void }
export type NamedKey = Key & { words: LocalizedPair }

type Layer = { keys: () => readonly Key[]; modal: boolean }

// The last layer is asked first: a drawer's keys go before the list's, and a dialog lets nothing through.
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

/** Of what is done with Ctrl or ⌘, selecting all means the text. */
const worksWhileTyping = (name: string) => name === 'Escape' || (name.startsWith('mod+') && name !== 'mod+a')

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return
  const name = nameOf(event)
  if (isTyping(event.target) && !worksWhileTyping(name)) return
  // Enter and space belong to the button or link that has the focus.
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

/** Keys that work while the caller is on the screen. Letters rest while somebody types. */
export function useKeys(keys: readonly Key[], options: { modal?: boolean } = {}): void {
  const latest = useRef(keys)
  latest.current = keys
  const { modal = false } = options
  useEffect(() => laid({ keys: () => latest.current, modal }), [modal])
}

/** Lays a layer over those that are there; the function that it returns takes it away. */
export function laid(layer: Layer): () => void {
  if (layers.length === 0) addEventListener('keydown', onKeyDown)
  layers.push(layer)
  return () => {
    layers.splice(layers.indexOf(layer), 1)
    if (layers.length === 0) removeEventListener('keydown', onKeyDown)
  }
}

/** What works at this moment: each key once, as the topmost layer means it. */
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
