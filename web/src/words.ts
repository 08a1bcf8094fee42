import { useSyncExternalStore } from 'react'
import type { LocalizedPair, LocalizedText } from '../../server/lib/localized-text.ts'
import { listenersOf } from './ui/base/store.ts'

/**
 * A text in both languages: [中文, English]. It is defined beside the page that uses it; texts of several pages are in ui/words.ts. `{name}`
 * is replaced by a parameter; `{n|line|lines}` is the first word for 1 and the second for any other number.
 */
export type { LocalizedPair }
export type Language = 'zh' | 'en'
export type Say = (words: LocalizedPair | LocalizedText, params?: Record<string, string | number>) => string

const storeKey = 'sanyi.language'
const listeners = listenersOf()
let current: Language = readLanguage()

function readLanguage(): Language {
  const stored = localStorage.getItem(storeKey)
  if (stored === 'zh' || stored === 'en') return stored
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export function language(): Language {
  return current
}

/** Stores the language in this browser. The caller saves it in the account. */
export function setLanguage(next: Language): void {
  current = next
  localStorage.setItem(storeKey, next)
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
  listeners.tell()
}

/** For code outside React, such as toasts. */
export const say: Say = (words, params) => {
  const text = 'zh' in words ? words[current] : words[current === 'zh' ? 0 : 1]
  return params ? fill(text, params) : text
}

/** Fills the parameters of a text in one language. */
export function fill(text: string, params: Record<string, string | number>): string {
  return text.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, several?: string) => {
      const value = params[name]
      if (value === undefined) return whole
      return one === undefined ? String(value) : String(Number(value) === 1 ? one : several)
    },
  )
}

export function useLanguage(): Language {
  return useSyncExternalStore(listeners.subscribe, language)
}

/** Returns `say` for the current language. The component is drawn again when the language changes. */
export function useSay(): Say {
  useLanguage()
  return say
}
