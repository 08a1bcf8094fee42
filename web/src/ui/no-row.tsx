import { type ReactNode, useRef } from 'react'
import { useSay, type Words } from '../words.ts'
import { Note } from './empty.tsx'

/** What stands in the place of a row that its list does not hold: that it has gone is said only of one that was there. */
export function useNoRow(row: object | undefined, loading: boolean, gone: Words): ReactNode {
  const say = useSay()
  const seen = useRef(false)
  if (row) seen.current = true
  if (seen.current) return <Note tone="ok">{say(gone)}</Note>
  if (loading) return <div aria-busy="true" />
  return <p className="t2">{say(['不在已载入的列表里', 'It is not in the list that is loaded'])}</p>
}
