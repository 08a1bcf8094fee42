import { useSyncExternalStore } from 'react'

/** Listeners to a value outside React. `tell` calls all of them. */
export function listenersOf() {
  const listeners = new Set<() => void>()
  return {
    tell: () => {
      for (const listener of listeners) listener()
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** A setting of this browser, such as density or columns: a text that all components share. */
export function browserSetting(name: string, initial: string) {
  const key = `sanyi.${name}`
  const listeners = listenersOf()
  let value = localStorage.getItem(key) ?? initial
  const set = (next: string) => {
    value = next
    localStorage.setItem(key, next)
    listeners.tell()
  }
  return { set, read: () => value, use: () => useSyncExternalStore(listeners.subscribe, () => value) }
}

export const densitySetting = browserSetting('density', 'normal')
/** The chosen shop ids, separated by commas; empty: all shops. */
export const scopeSetting = browserSetting('shops', '')
export const themeSetting = browserSetting('theme', 'system')

/** Applies the theme: the one that the user chose, otherwise that of the system. */
export function applyTheme(): void {
  const chosen = themeSetting.read()
  const dark =
    chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
}
