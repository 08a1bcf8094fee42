import { type ComponentType, lazy, Suspense, useState } from 'react'

/** When the page that names it has drawn its first rows, on any machine. */
const soonMs = 1500

type Part<Props extends object> = {
  Later: ComponentType<Props>
  loaded: ComponentType<Props> | undefined
}

/** A part of the page that a person opens next: it is loaded before that, but after what is shown first. */
export function soon<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): Part<Props> {
  const part: Part<Props> = { Later: lazy(load), loaded: undefined }
  const keep = (made: { default: ComponentType<Props> }) => {
    part.loaded = made.default
  }
  // A failure is that of the opening, which tries again and says so.
  setTimeout(() => load().then(keep, () => undefined), soonMs)
  return part
}

/** Draws it at once if it is there: React's own `lazy` waits even for what has come, and keeps it back for 0.3 s. */
export function Soon<Props extends object>({ part, props }: { part: Part<Props>; props: Props }) {
  // What it was when it opened, or it would begin anew when the code comes.
  const [Drawn] = useState(() => part.loaded ?? part.Later)
  return (
    <Suspense>
      <Drawn {...props} />
    </Suspense>
  )
}
