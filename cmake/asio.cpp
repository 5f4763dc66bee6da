// The one translation unit that holds the bodies of Asio (header-only otherwise).
#include <boost/asio/impl/src.hpp>
