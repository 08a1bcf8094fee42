import { createLink } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { useMayOpen } from './session.ts'

type Anchor = ComponentProps<'a'> & {
  /** True: the link is an action, so users who may not open the page do not see its text either. */
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

/** A link to another page. Users who may not open the page see only the text. */
export const PageLink = createLink(Anchor)
