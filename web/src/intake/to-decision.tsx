import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useUrlState } from '../ui/list/search-params.ts'

/** The page that shows all of a refund, whatever list it is on. */
export const decisionOf = (open: string) => ({ open, as: 'one', tab: 'history' })

/** A row of a list opens on that page, where it is agreed to or refused. */
export function ToDecision() {
  const navigate = useNavigate()
  const [search] = useUrlState()
  // biome-ignore lint/correctness/useExhaustiveDependencies: it leaves the page, once
  useEffect(() => void navigate({ to: '/staged-refunds', search: decisionOf(search['open'] ?? '') }), [])
  return null
}
