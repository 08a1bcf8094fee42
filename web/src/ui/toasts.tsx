import { useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { errorText } from '../api.ts'
import { useSay } from '../words.ts'
import { Dot, type Tone } from './status.tsx'
import { shared } from './words.ts'
import './toasts.css'

type Toast = { id: number; tone: Tone; text: string; act?: { label: string; run: () => void } }

const keptMs = { ok: 4000, other: 9000 }
let toasts: readonly Toast[] = []
let nextId = 1
const listeners = new Set<() => void>()

function change(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

function drop(id: number): void {
  change(toasts.filter((toast) => toast.id !== id))
}

/** Says what happened, beside the work and not in its way. */
export function toast(tone: Tone, text: string, act?: Toast['act']): void {
  const id = nextId++
  change([...toasts.slice(-3), { id, tone, text, ...(act ? { act } : {}) }])
  setTimeout(() => drop(id), tone === 'ok' ? keptMs.ok : keptMs.other)
}

export function toastError(error: unknown): void {
  toast('bad', errorText(error))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  const say = useSay()
  return createPortal(
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, tone, text, act }) => (
        <div key={id} className="toast">
          <Dot tone={tone} />
          <span className="grow">{text}</span>
          {act && (
            <button type="button" className="link" onClick={act.run}>
              {act.label}
            </button>
          )}
          <button
            type="button"
            className="toast-close"
            aria-label={say(shared.close)}
            onClick={() => drop(id)}
          >
            ✕
          </button>
        </div>
      ))}
    </div>,
    document.body,
  )
}
