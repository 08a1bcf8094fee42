const few = 3

/**
 * Like `Promise.all` over a map, a few at a time: one person's request is not to take every connection of the pool, and a machine of few
 * processors is no slower for it.
 */
export async function mapConcurrent<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const done: Out[] = []
  const waiting = [...items.entries()]
  const lane = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) done[one[0]] = await work(one[1])
  }
  await Promise.all(Array.from({ length: few }, lane))
  return done
}
