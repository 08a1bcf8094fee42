import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useUrlState } from '../ui/list/search-params.ts'

/** The address of one refund's page, for a row of any list. */
export const decisionOf = (open: string) => ({ open, as: 'one', tab: 'history' })

/** Opens a row of a list on the page of one refund, where the refund can be answered. */
export function ToDecision() {
  const navigate = useNavigate()
  const [search] = useUrlState()
  // biome-ignore lint/correctness/useExhaustiveDependencies: it leaves the page, once
  useEffect(() => void navigate({ to: '/staged-refunds', search: decisionOf(search['open'] ?? '') }), [])
  return null
}
