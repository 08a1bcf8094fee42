import { useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { errorText } from '../../api.ts'
import { useSay } from '../../words.ts'
import { PageLink } from '../base/page-link.tsx'
import { Dot, type Tone } from '../base/status.tsx'
import { listenersOf } from '../base/store.ts'
import { shared } from '../base/words.ts'
import { linkOf } from '../list/search-params.ts'
import './toasts.css'

/** What a toast offers: a link such as "/orders?tab=all", or an action such as undo. */
type Offer = { label: string } & ({ to: string } | { run: () => void })
type Toast = { id: number; tone: Tone; text: string; offers: readonly Offer[] }

const keptMs = { ok: 4000, other: 9000 }
/** The milliseconds that a toast with an offer stays. */
const offeredMs = 10_000
let toasts: readonly Toast[] = []
let nextId = 1
const listeners = listenersOf()

function change(next: readonly Toast[]): void {
  toasts = next
  listeners.tell()
}

function drop(id: number): void {
  change(toasts.filter((toast) => toast.id !== id))
}

export function toast(tone: Tone, text: string, ...offers: Offer[]): void {
  const id = nextId++
  change([...toasts.slice(-3), { id, tone, text, offers }])
  const stays = offers.length > 0 ? offeredMs : tone === 'ok' ? keptMs.ok : keptMs.other
  setTimeout(() => drop(id), stays)
}

export function toastError(error: unknown): void {
  toast('bad', errorText(error))
}

export function Toasts() {
  const shown = useSyncExternalStore(listeners.subscribe, () => toasts)
  const say = useSay()
  return createPortal(
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, tone, text, offers }) => (
        <div key={id} className="toast">
          <Dot tone={tone} />
          <span className="grow">{text}</span>
          {offers.map((offer) =>
            'to' in offer ? (
              <PageLink act key={offer.label} {...linkOf(offer.to)} className="link" onClick={() => drop(id)}>
                {offer.label}
              </PageLink>
            ) : (
              <button
                key={offer.label}
                type="button"
                className="link"
                onClick={() => {
                  drop(id)
                  offer.run()
                }}
              >
                {offer.label}
              </button>
            ),
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
