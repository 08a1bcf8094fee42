const few = 3

/**
 * Does `work` for the items, at most three at a time, so that one request does not take every database connection. The results have the
 * order of the items. With few processors this is not slower.
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
