import { createLink } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { useMayOpen } from './session.ts'

type Anchor = ComponentProps<'a'> & {
  /** Its words name an act: whoever may not open the page does not see them either. */
  act?: boolean
}

function Anchor({ act = false, href = '', children, ...rest }: Anchor) {
  const mayOpen = useMayOpen()
  if (mayOpen(href))
    return (
      <a {...rest} href={href}>
        {children}
      </a>
    )
  return act ? null : <span className={rest.className}>{children}</span>
}

/** The way to another page, for those who may open it; for others only what it says. */
export const PageLink = createLink(Anchor)
