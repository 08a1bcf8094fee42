import { type ComponentType, lazy, Suspense, useState } from 'react'

/** After this time, in milliseconds, a page has drawn its first rows on any machine. */
const soonMs = 1500

type Part<Props extends object> = {
  Later: ComponentType<Props>
  loaded: ComponentType<Props> | undefined
}

/** A part of the page that is likely to be opened next. It is loaded in advance, but after what is shown first. */
export function soon<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): Part<Props> {
  const part: Part<Props> = { Later: lazy(load), loaded: undefined }
  const keep = (made: { default: ComponentType<Props> }) => {
    part.loaded = made.default
  }
  // The error is ignored: opening the part loads it again and reports the error.
  setTimeout(() => load().then(keep, () => undefined), soonMs)
  return part
}

/** Draws the part at once if it is loaded; React's `lazy` would still wait for 0.3 s. */
export function Soon<Props extends object>({ part, props }: { part: Part<Props>; props: Props }) {
  // The component of the first draw stays; otherwise the part would be mounted again when the code arrives.
  const [Drawn] = useState(() => part.loaded ?? part.Later)
  return (
    <Suspense>
      <Drawn {...props} />
    </Suspense>
  )
}
