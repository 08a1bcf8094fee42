import { useEffect } from 'react'
import { useMe } from '../ui/base/session.ts'
import { applyTheme, themeSetting } from '../ui/base/store.ts'
import { setLanguage } from '../words.ts'

/** Applies the account's language and theme, unless the user has set them in this browser. */
export function useOwnSettings(): void {
  const me = useMe()
  useEffect(() => {
    if (!me) return
    if (localStorage.getItem('sanyi.language') === null) setLanguage(me.language)
    if (localStorage.getItem('sanyi.theme') === null && me.theme !== 'system') themeSetting.set(me.theme)
    applyTheme()
  }, [me])
}
