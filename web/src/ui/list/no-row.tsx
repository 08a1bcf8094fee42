import { type ReactNode, useRef } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Note } from '../base/empty.tsx'
import { useUrlState } from './search-params.ts'

/** Returns the text for a drawer whose row is not in the list. It says that the row has left the list only if the row was there before. */
export function useNoRow(row: { id: string } | undefined, loading: boolean, gone: LocalizedPair): ReactNode {
  const say = useSay()
  const open = useUrlState()[0]['open']
  const seen = useRef<string>(undefined)
  if (row) seen.current = row.id
  if (open !== undefined && seen.current === open) return <Note tone="ok">{say(gone)}</Note>
  if (loading) return <div aria-busy="true" />
  return <p className="t2">{say(['不在已载入的列表里', 'It is not in the list that is loaded'])}</p>
}
