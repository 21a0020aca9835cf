/**
 * Why a goal was missed when it was last looked into, by what it is about and the goal; the profiles that show it lie beside the
 * results (`--profile`). Only shown where the goal does not hold.
 */
export const shortfalls: Readonly<Record<string, string>> = {
  'ingest 2.0, warm series: >= 2x Prometheus':
    'one thread: appending 9 %, collection 9 %, SQLite 6 %, answers of Node and Fastify 12 %, the rest in small parts, none over 4 %; a tenth is the compiler, as a run is shorter than its work',
  'ingest 2.0, processor time: <= 0.3x Prometheus (3.33 times better)': 'as above',
  'ingest, new series: >= 1.0x Prometheus':
    'a quarter is collection: 550 bytes a series stay, which the young generation copies twice; half of the processor time of a run, which is over in half a second, goes to the compiler; once warm a series takes 5 to 7 us',
  'queries: faster than Prometheus on every line':
    'lines of a hundred series and less cost 50 us in the engine; the rest is the way of a request through Node, which takes 0.1 to 0.3 ms longer than in Go where others have emptied the caches in between; count_values over 100 steps has 100,000 series in its answer, and a third of it is collection',
  'queries: faster than Cortex on every line': 'count_values, as above',
  'queries, 1,000 steps: >= 5x Prometheus':
    'the engine is a third of it; writing numbers and sending them is another, and all of it where nothing is aggregated (2 to 3 times Prometheus); collection of columns 18 %',
  'queries, 100 steps: >= 3x Prometheus':
    'half of the lines are of a hundred series, where requests through Node set the time (1.0 to 1.6 times); those of thousands of series are 1.6 to 5 times as fast',
};
