import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { actorText } from '../ui/base/actor.ts'
import { connectorsQuery, useShop } from '../ui/base/session.ts'
import { useSay } from '../words.ts'
import { actionWords, actorKindWords, subjectWords, wordsOfPlatforms } from './audit-words.ts'
import type { AuditRow } from './types.ts'

export function usePlatformWords() {
  const connectors = useQuery(connectorsQuery).data?.rows
  return useMemo(() => wordsOfPlatforms(connectors ?? []), [connectors])
}

export function Who({ row }: { row: AuditRow }) {
  const say = useSay()
  const name = row.actor.kind === 'user' ? row.actor.name : actorText(row.actor.name, say)
  return <div className="cut medium">{name || say(actorKindWords[row.actor.kind] ?? ['–', '–'])}</div>
}

export function Action({ row }: { row: AuditRow }) {
  const say = useSay()
  const words = actionWords[row.action]
  return <div className="cut">{say(words ?? ['其他操作', 'Another action'])}</div>
}

export function Subject({ row }: { row: AuditRow }) {
  const say = useSay()
  const shop = useShop(row.subject.id)
  const { type, id } = row.subject
  const words = subjectWords[type]
  const text =
    type === 'shop' && shop ? shop.name : `${say(words ?? ['其他', 'Other'])}${id === 'all' ? '' : ` ${id}`}`
  return (
    <div className="cut t2" title={text}>
      {text}
    </div>
  )
}
