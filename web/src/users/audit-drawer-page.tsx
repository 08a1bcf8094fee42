import type { ReactNode } from 'react'
import { Time } from '../ui/base/figures.tsx'
import { fullTime } from '../ui/base/time.ts'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { Facts } from '../ui/overlay/facts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { Action, Subject, usePlatformWords, Who } from './audit-cells.tsx'
import { auditParts } from './audit-words.ts'
import type { AuditRow } from './types.ts'

type DrawerProps = {
  row: AuditRow
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
}

export default function AuditDrawer({ row, ...list }: DrawerProps) {
  const say = useSay()
  const facts: [LocalizedPair, ReactNode][] = [
    [['时间', 'Time'], <Time key="at" at={row.at} say={fullTime} />],
    [['谁', 'Who'], <Who key="who" row={row} />],
    [['动作', 'Action'], <Action key="action" row={row} />],
    [['对象', 'Subject'], <Subject key="subject" row={row} />],
    [['地址', 'Address'], row.ip || '–'],
    [['请求号', 'Request'], row.requestId || '–'],
  ]
  const details = auditParts(row.detail, say, usePlatformWords())
  return (
    <Drawer
      {...list}
      label={say(['审计记录', 'Audit entry'])}
      title={<h2 className="cut">{fullTime(row.at)}</h2>}
    >
      <div className="drawer-body one">
        <div className="drawer-main">
          <Facts facts={facts} wide />
          {details.length > 0 && (
            <Section title={say(['详情', 'Detail'])}>
              {details.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </Section>
          )}
        </div>
      </div>
    </Drawer>
  )
}
