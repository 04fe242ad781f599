"""The pumper: plays a shop's visitors against a collector, from the Coveo dataset or a synthetic one in its format.

rows, lines       what stands in the files, and how they are read in constant memory
searches, order   searches found by session; the whole dataset in the order of time
source            rows of one session at a time, in the order of the files or of time
catalogue, visitors, google_analytics   rows become hits
batches, packing, pacing  hits become batches, numbered and dealt to lanes
feeds, worker     where that is done: in the process that sends, or in one of its own
connection, sender, pump                batches become requests
journal, tally, display                 what has been done, for a resumed run and for a person
shape, synthetic                        the dataset when there is none
"""
