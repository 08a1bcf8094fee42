import { useSyncExternalStore } from 'react'

const isDark = () => document.documentElement.dataset['theme'] === 'dark'

function onTheme(listener: () => void): () => void {
  const watch = new MutationObserver(listener)
  watch.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => watch.disconnect()
}

/** Returns true for the dark theme. For drawings without CSS, such as charts. */
export const useDark = () => useSyncExternalStore(onTheme, isDark)
