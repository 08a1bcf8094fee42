import { type ComponentType, lazy, Suspense, useState } from 'react'

/** Milliseconds after which a page has drawn its first rows on any machine. */
const soonMs = 1500

type Part<Props extends object> = {
  Later: ComponentType<Props>
  loaded: ComponentType<Props> | undefined
}

/** A part of the page that will probably be opened next: it is loaded in advance, but after what is shown first. */
export function soon<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): Part<Props> {
  const part: Part<Props> = { Later: lazy(load), loaded: undefined }
  const keep = (made: { default: ComponentType<Props> }) => {
    part.loaded = made.default
  }
  // An error is ignored here; opening the part loads it again and reports it.
  setTimeout(() => load().then(keep, () => undefined), soonMs)
  return part
}

/** Draws the part at once if it is loaded. React's `lazy` would wait even then, for 0.3 s. */
export function Soon<Props extends object>({ part, props }: { part: Part<Props>; props: Props }) {
  // The component stays the one of the first draw; otherwise the part would be mounted again when the code arrives.
  const [Drawn] = useState(() => part.loaded ?? part.Later)
  return (
    <Suspense>
      <Drawn {...props} />
    </Suspense>
  )
}
