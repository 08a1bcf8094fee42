import { useEffect, useRef, useState } from 'react'
import { play, type Sound } from '../fulfilment/station/sounds.ts'

/** `kept`: the phone has it, the server not yet. */
export type News = { tone: 'ok' | 'done' | 'warn' | 'wrong' | 'kept'; text: string; hint?: string }

const sounds: Record<News['tone'], Sound> = {
  ok: 'right',
  kept: 'right',
  done: 'done',
  warn: 'wrong',
  wrong: 'wrong',
}

/** The meaning of the last scan, as text, sound and vibration. Each is a new object, so that the same text twice is drawn twice. */
export function useNews() {
  const [news, setNews] = useState<News>()
  const [isFlashing, setFlashing] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const tell = (next: News) => {
    setNews(next)
    play(sounds[next.tone])
    navigator.vibrate?.(next.tone === 'wrong' ? 200 : 30)
    setFlashing(next.tone === 'wrong')
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setFlashing(false), 300)
  }
  return { news, isFlashing, tell, clear: () => setNews(undefined) }
}
export type Teller = ReturnType<typeof useNews>
