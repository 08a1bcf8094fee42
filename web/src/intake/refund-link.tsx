import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useAllowed } from '../ui/session.ts'

/** The way to a refund, for those who may see refunds; for others only what it says. */
export function RefundLink({ refundNo, children = refundNo }: { refundNo: string; children?: ReactNode }) {
  if (useAllowed()('refunds.read') !== undefined) return children
  return (
    <Link to="/staged-refunds" search={{ refundNos: refundNo }}>
      {children}
    </Link>
  )
}
