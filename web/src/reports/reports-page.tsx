import { lazy, Suspense } from 'react'

/** The first file that every page loads names what this file needs, so it needs nothing but the report. */
const Report = lazy(() => import('./report-page.tsx'))

export default function ReportsPage() {
  return (
    <Suspense>
      <Report />
    </Suspense>
  )
}
