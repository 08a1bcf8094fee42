import { type RawBuilder, sql } from 'kysely'
import type { RefundKind, RefundStatus } from '../../connectors/connector.ts'
import { aboutGoods, open } from './open-refund-rules.ts'

/** A refund that is asked for or agreed to, and about goods: they wait until it ended. */
export const isOpenAboutGoods = ({ status, kind }: { status: RefundStatus; kind: RefundKind }): boolean =>
  open.includes(status) && aboutGoods.includes(kind)

/** The same of the columns of a refund. */
export const openAboutGoods = (status: string, kind: string): RawBuilder<boolean> =>
  sql<boolean>`(${sql.ref(status)} in (${literals(open)}) and ${sql.ref(kind)} in (${literals(aboutGoods)}))`

/** Written out, so that a statement which is planned once knows them. */
const literals = (words: readonly string[]) => sql.join(words.map((word) => sql.lit(word)))
